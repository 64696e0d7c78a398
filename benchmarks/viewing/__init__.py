"""What the viewer's benchmark looks at, and how it looks."""
