"""The demo: the main job for real, between a simulated Xero and a real SFTP server on this machine."""
