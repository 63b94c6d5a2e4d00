"""The API's description, and a page on which to try the API."""
