"""Running the product: logs, metrics, health, the waiting line, doctor."""
