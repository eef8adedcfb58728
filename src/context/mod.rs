//! A record becomes an entry: which request, which span, which service, which order.
