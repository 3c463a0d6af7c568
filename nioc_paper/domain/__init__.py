"""Rules over a whole paper: audiences, approvals, differences, working days."""
