"""What waits for an editor, on the admin's first page; and where there are no doctors, as a report."""
