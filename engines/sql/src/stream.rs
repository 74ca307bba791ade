//! A table of rows that come as they are asked for.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result as DfResult;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures_util::StreamExt;

use crate::catalog::{Column, Rows};
use crate::files::Predicate;
use crate::files::prune::{Asked, predicates};
use crate::table::{batch, schema};
use crate::types::Type;

/// The table.
#[derive(Debug)]
pub(crate) struct RowTable {
    columns: Arc<[Column]>,
    schema: SchemaRef,
    rows: Arc<dyn Rows>,
}

/// What a query wants of it.
#[derive(Debug)]
struct Wanted {
    columns: Arc<[Column]>,
    schema: SchemaRef,
    rows: Arc<dyn Rows>,
    projection: Vec<usize>,
    predicates: Vec<Predicate>,
}

impl RowTable {
    pub(crate) fn new(columns: Arc<[Column]>, rows: Arc<dyn Rows>) -> Self {
        Self { schema: schema(&columns), columns, rows }
    }
}

impl PartitionStream for Wanted {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let types: Vec<Type> =
            self.projection.iter().filter_map(|n| self.columns.get(*n)).map(|column| column.ty.clone()).collect();
        let schema = Arc::clone(&self.schema);
        let batches = self.rows.read(&self.projection, &self.predicates).map(move |rows| {
            let types: Vec<&Type> = types.iter().collect();
            Ok(batch(&schema, &types, &rows?)?)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

#[async_trait]
impl TableProvider for RowTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Who has the rows may leave some out by the filters; each row is looked at again above.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let projection = projection.cloned().unwrap_or_else(|| (0..self.columns.len()).collect());
        let schema = Arc::new(self.schema.project(&projection)?);
        let wanted = Wanted {
            columns: Arc::clone(&self.columns),
            schema: Arc::clone(&schema),
            rows: Arc::clone(&self.rows),
            projection,
            predicates: predicates(filters, Asked { first: 0, columns: &self.columns }),
        };
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![Arc::new(wanted)], None, [], false, None)?))
    }
}
