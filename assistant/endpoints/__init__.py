"""Everything about OpenAI-compatible endpoints but the call itself."""
