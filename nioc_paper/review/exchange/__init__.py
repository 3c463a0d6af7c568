"""Files that are sent to reviewers and come back, and the ledger of both."""
