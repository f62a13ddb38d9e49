"""The public API held against its OpenAPI document."""
