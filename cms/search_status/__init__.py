"""What the search service has of the content, shown to editors; and the button that rebuilds its index."""
