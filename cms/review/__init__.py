"""Medical review: who signs articles, the workflow that they go through, and what happens when a review is overdue."""
