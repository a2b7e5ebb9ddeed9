"""What is printed: QR codes and the statement of points. Both want the extra `paper`."""
