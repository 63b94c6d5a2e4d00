"""What every service of the shop shares; shipped to Lambda as the layer `shop-common`."""
