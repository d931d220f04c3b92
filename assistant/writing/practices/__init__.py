"""General practices for each topic and step, as data."""
