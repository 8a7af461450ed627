"""The only speaker to Xero: sign-in, limits, pages, documents, webhooks."""
