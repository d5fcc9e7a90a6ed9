"""Letters by post: paper in, paper out."""
