"""From keys and bytes to scans."""
