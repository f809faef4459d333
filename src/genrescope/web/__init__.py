"""The page and its HTTP API: `create_app` makes the application, `genrescope serve` runs it."""
