"""All services in one process, with calls in place of HTTP. It adds no behaviour."""
