//! A record becomes an entry: which request, which span, which service, which order.
//!
//! An [`Attributor`](attributor::Attributor) serves one stream. It reads what the record
//! states (fields, carriers, message) and where the stream lies (pod, host, file name).
//! Fields stay as the log spells them; behind them stands what they are by the names of
//! OpenTelemetry's conventions. What was understood is in the entry's context.
//!
//! Never: invents an id without saying its evidence.

pub mod adoption;
pub mod alias;
mod attribute;
pub mod attributor;
mod carrier;
mod duration;
mod evidence;
mod http;
pub mod identifier;
mod key_name;
mod key_text;
mod key_value;
mod meaning;
mod mention;
mod operation;
mod operation_part;
mod role;
mod rpc;
mod secret;
mod service;
mod statement;
mod stream_path;
mod unfold;
mod workload;

#[cfg(test)]
mod tests;
