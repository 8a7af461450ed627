"""The console's pages about Xero: what was read and how far, the cursor, and the month-end comparison."""
