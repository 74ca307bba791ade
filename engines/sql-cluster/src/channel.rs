//! Connections to workers, over which every request brings the secret.

use async_trait::async_trait;
use datafusion::error::Result;
use datafusion_distributed::grpc::{BoxCloneSyncChannel, DefaultChannelResolver, create_worker_client};
use datafusion_distributed::{ChannelResolver, WorkerChannel};
use tower::ServiceExt;
use url::Url;

use crate::secret::Secret;

/// The connections.
#[derive(Clone)]
pub(crate) struct Channels {
    connections: DefaultChannelResolver,
    secret: Secret,
}

impl Channels {
    pub(crate) fn new(secret: Secret) -> Self {
        Self { connections: DefaultChannelResolver::default(), secret }
    }
}

#[async_trait]
impl ChannelResolver for Channels {
    async fn get_worker_client_for_url(&self, url: &Url) -> Result<Box<dyn WorkerChannel>> {
        let (channel, secret) = (self.connections.get_channel(url).await?, self.secret.clone());
        let bringing = channel.map_request(move |mut request: http::Request<tonic::body::Body>| {
            secret.put(request.headers_mut());
            request
        });
        Ok(create_worker_client(BoxCloneSyncChannel::new(bringing)))
    }
}
