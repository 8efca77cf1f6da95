"""What both windows wear: their type, their signs, the program's icon, Qt's own words."""
