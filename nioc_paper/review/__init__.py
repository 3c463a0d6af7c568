"""Review rounds in Word: chapters out as .docx, changes and comments back into Markdown and the ledger."""
