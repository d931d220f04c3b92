"""What leaves for an endpoint: masked where asked, and recorded to the letter."""
