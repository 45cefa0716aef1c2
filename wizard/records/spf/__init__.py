"""SPF (RFC 7208): read a record, walk what hangs on it, edit it without losing anything."""
