"""Pictures of products: thumbnails, and what is known of each picture."""
