"""WHAT THE ENTRIES ADD UP TO. Any table here may be dropped and rebuilt."""
