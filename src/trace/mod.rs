//! A request put together: spans, edges, order. Repairs are told as notices.
