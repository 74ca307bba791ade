//! The way in: listens for HTTP/1.1, HTTP/2 and TLS on one port, finds out which operation of which
//! service a request means, and hands it to a [`Handler`].

mod activity;
mod admin;
mod ca;
mod certificates;
mod config;
mod connection;
mod cors;
mod exchange;
mod handler;
mod limits;
mod linger;
mod listener;
mod local_names;
mod refusal;
mod request_body;
mod response_body;
mod route;
mod socket;
mod tls_session;

pub use ca::{Ca, CaError};
pub use certificates::{MachineClock, Tls};
pub use config::{Config, DEFAULT_PORT};
pub use cors::{Cors, CorsError};
pub use handler::{AdminRequest, Handler, Purpose, Routed};
pub use limits::Limits;
pub use listener::Gateway;
pub use local_names::LocalNames;
pub use request_body::BodyTimeout;
pub use route::{BEARER_SERVICES, Problem, RouteError, Router, Routing, UNSIGNED_SERVICES};
pub use tls_session::TlsSession;
