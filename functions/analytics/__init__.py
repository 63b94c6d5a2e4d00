"""Sales by the minute and by product, kept up from the changes of the orders, and a page that shows them live."""
