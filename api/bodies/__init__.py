"""What answers look like: one file for each noun. Requests are CloudEvents (api/cloudevents.py)."""
