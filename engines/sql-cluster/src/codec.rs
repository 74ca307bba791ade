//! Scans in plans that are sent.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::{DataFusionError, internal_datafusion_err, internal_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_distributed::DistributedTaskContext;
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::PhysicalExprNode;
use prost::Message;
use serde::{Deserialize, Serialize};
use welkin_sql::remote::{Arrived, Source, send};

use crate::ask::Asking;
use crate::desk::Sources;

/// A scan on its way.
#[derive(Serialize, Deserialize)]
struct Parcel {
    /// Its place among the query's sources.
    source: usize,
    scan: Bytes,
    pruning: Option<Bytes>,
}

/// The coordinator's end.
pub(crate) struct Sending(pub(crate) Arc<Sources>);

/// A worker's end.
pub(crate) struct Receiving(pub(crate) Asking);

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sending")
    }
}

impl fmt::Debug for Receiving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiving")
    }
}

fn garbled(why: impl fmt::Display) -> DataFusionError {
    internal_datafusion_err!("a scan cannot be sent: {why}")
}

impl PhysicalExtensionCodec for Sending {
    fn try_decode(
        &self,
        _: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        internal_err!("a coordinator takes no plans")
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buffer: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let (Some(source), Some(sent)) = (Source::of(node.as_ref()), send(node.as_ref())) else {
            return internal_err!("{} cannot be sent", node.name());
        };
        let sent = sent?;
        let encode = |expr| Ok::<_, DataFusionError>(converter.physical_expr_to_proto(expr, self)?.encode_to_vec());
        let pruning = sent.pruning.as_ref().map(|(expr, _)| encode(expr)).transpose()?.map(Bytes::from);
        let parcel = Parcel { source: self.0.add(node, source), scan: sent.bytes, pruning };
        buffer.extend(rmp_serde::to_vec(&parcel).map_err(garbled)?);
        Ok(())
    }
}

impl PhysicalExtensionCodec for Receiving {
    fn try_decode(
        &self,
        buffer: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let parcel: Parcel = rmp_serde::from_slice(buffer).map_err(garbled)?;
        let arrived = Arrived::read(&parcel.scan)?;
        let pruning = match (parcel.pruning, arrived.schema()) {
            (Some(bytes), Some(schema)) => {
                let node = PhysicalExprNode::decode(bytes).map_err(garbled)?;
                let decoding = PhysicalPlanDecodeContext::new(context, self);
                Some(converter.proto_to_physical_expr(&node, &schema, &decoding)?)
            }
            _ => None,
        };
        let task = context.session_config().get_extension::<DistributedTaskContext>().map_or(0, |it| it.task_index);
        Ok(arrived.plan(Arc::new(self.0.clone().of(parcel.source)), pruning, task)?)
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        _: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        internal_err!("a worker sends no plans, such as {}", node.name())
    }
}
