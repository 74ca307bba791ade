//! The kernel behind the gateway.

use std::sync::Arc;

use http::Response;
use welkin_gateway::{AdminRequest, Handler, Purpose, RouteError, Routed};
use welkin_kernel::{Body, Kernel, Region, Request, TlsSession};
use welkin_model::{Protocol, Service};
use welkin_sql_cluster::Workers;
use welkin_wire::{ErrorAnswer, Fault, Route};

use crate::admin;

/// What answers requests.
pub(crate) struct Server {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) started: admin::Started,
    /// Who runs its SQL, if not it alone.
    pub(crate) workers: Option<Arc<Workers>>,
    /// Held by the one import that may be under way.
    pub(crate) importing: tokio::sync::Mutex<()>,
}

impl Handler for Server {
    async fn handle(self: Arc<Self>, request: Routed) -> Response<Body> {
        let route = match request.route {
            Ok(route) => route,
            Err(error) => return self.unrouted(&error, &request.parts).await,
        };
        let route =
            Route { service: route.service, operation: route.operation, protocol: route.protocol, path: route.path };
        let purpose = request.purpose;
        let region = request.region_hint.and_then(|hint| hint.parse::<Region>().ok());
        let request = Request {
            route,
            parts: request.parts,
            body: request.body,
            peer: request.peer,
            tls: request.tls.map(|tls| TlsSession { version: tls.version, cipher_suite: tls.cipher_suite }),
            region,
            form: purpose == Purpose::S3Form,
        };
        match purpose {
            Purpose::S3Visit => self.kernel.visit(request).await,
            Purpose::S3Preflight => self.kernel.preflight(request).await,
            Purpose::S3Form | Purpose::Call => self.kernel.serve(request).await,
        }
    }

    async fn admin(self: Arc<Self>, request: AdminRequest) -> Response<Body> {
        admin::answer(&self, request).await
    }
}

impl Server {
    /// Answers a request for no operation: it may be one for a file that anybody may fetch.
    async fn unrouted(&self, error: &RouteError, parts: &http::request::Parts) -> Response<Body> {
        if parts.method == http::Method::GET {
            match self.kernel.public_file(parts.uri.path()).await {
                Ok(Some(file)) => {
                    let mut response = Response::new(Body::Full(file.bytes));
                    let content_type = http::HeaderValue::from_static(file.content_type);
                    response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
                    return response;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "a file cannot be read"),
            }
        }
        let service = error.service.unwrap_or_else(|| typical(error.protocol));
        self.refuse(service, error.protocol, error.code, error.status.as_u16(), error.message.clone())
    }

    fn refuse(
        &self,
        service: &'static Service,
        protocol: Protocol,
        code: &str,
        status: u16,
        message: String,
    ) -> Response<Body> {
        let answer = ErrorAnswer {
            code: code.to_owned(),
            message,
            status: Some(status),
            fault: if status >= 500 { Fault::Receiver } else { Fault::Sender },
            request_id: self.kernel.chance().uuid(),
            ..ErrorAnswer::default()
        };
        welkin_wire::serialise_error(None, service, protocol, &answer)
    }
}

/// A service that speaks the protocol, to write an error for a request that names none.
fn typical(protocol: Protocol) -> &'static Service {
    let id = match protocol {
        Protocol::Query => "sts",
        Protocol::Ec2 => "ec2",
        Protocol::Json => "kms",
        Protocol::RestJson => "lambda",
        Protocol::RestXml => "route53",
        Protocol::RpcV2Cbor => "cloudwatch",
    };
    // INVARIANT: these services are in the model; the crate's tests look them up.
    welkin_model::service(id).expect("a service of the model")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_has_a_typical_service_that_speaks_it() {
        for protocol in
            [Protocol::Query, Protocol::Ec2, Protocol::Json, Protocol::RestJson, Protocol::RestXml, Protocol::RpcV2Cbor]
        {
            assert!(typical(protocol).protocols.contains(&protocol), "{protocol:?}");
        }
    }
}
