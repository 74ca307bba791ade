//! `POST reset`, `GET export` and `POST import`.

use http::{Response, StatusCode};
use serde_json::json;
use welkin_kernel::Body;

use super::{Answer, failed};
use crate::fault::Fault;
use crate::server::Server;

/// Removes everything but the clock's position.
pub(super) async fn reset(server: &Server) -> Answer {
    server.kernel.reset().await.map_err(failed)?;
    Ok(json!({ "status": "reset" }))
}

pub(super) async fn export(_server: &Server) -> Response<Body> {
    super::refuse(StatusCode::NOT_IMPLEMENTED, &Fault::new("export is not there yet", "", ""))
}

pub(super) async fn import(_server: &Server, _body: Body) -> Answer {
    Err((StatusCode::NOT_IMPLEMENTED, Fault::new("import is not there yet", "", "")))
}
