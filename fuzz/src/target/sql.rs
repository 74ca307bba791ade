//! The SQL engine: queries are parsed, analysed and planned, and the first rows computed.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Runtime;
use welkin_sql::{Catalog, Code, Column, Content, Engine, Limits, Resolved, Result as SqlResult, Session, SqlError};
use welkin_sql::{Table, TableName, Value, parse_type};

use super::{Seed, Target};
use crate::chance::Chance;

/// How long rows are waited for: what takes longer is given up, as a query that is stopped is.
const PATIENCE: Duration = Duration::from_millis(500);

pub(crate) struct Queries {
    runtime: Runtime,
    engine: Engine,
}

impl Queries {
    /// # Panics
    /// If the machine gives no threads.
    pub(crate) fn new() -> Self {
        let (runtime, engine) = engine();
        Self { runtime, engine }
    }
}

/// What runs queries within little memory.
pub(super) fn engine() -> (Runtime, Engine) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
    let engine = Engine::new(Limits { memory: 16 << 20, parallelism: 1 });
    (runtime.expect("a runtime"), engine.expect("an engine"))
}

pub(super) fn session() -> Session {
    Session { catalog: "awsdatacatalog".into(), schema: Some("default".into()), now: 1_700_000_000_000_000, seed: 1 }
}

/// Runs a query as far as the patience goes.
pub(super) async fn rows(engine: &Engine, sql: &str, catalog: &dyn Catalog) -> SqlResult<()> {
    let mut output = engine.query(sql, &session(), catalog).await?;
    let all = async {
        while let Some(rows) = output.next().await? {
            assert!(rows.iter().all(|row| row.len() == output.columns().len()), "a row has a value for each column");
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, all).await.unwrap_or(Ok(()))
}

/// A panic on another thread comes back as an error about that thread.
pub(super) fn no_panic(error: &SqlError) {
    let told = error.to_string();
    let panicked = error.code == Code::GenericInternalError
        && (told.contains("panic") || told.contains("planning ended without a result"));
    assert!(!panicked, "{told}");
}

/// One table of every kind of type.
struct Tables;

impl Catalog for Tables {
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, SqlResult<Resolved>> {
        async move {
            if name.table != "t" {
                return Ok(Resolved::NoTable);
            }
            let column = |(name, ty): (&str, &str)| Ok(Column { name: name.into(), ty: parse_type(ty)? });
            let columns = [("a", "integer"), ("b", "varchar"), ("c", "decimal(10,2)"), ("d", "date")];
            let more = [("e", "array(integer)"), ("f", "map(varchar, bigint)"), ("g", "row(x integer, y varchar)")];
            let columns = columns.into_iter().chain(more).map(column).collect::<SqlResult<_>>()?;
            let row = vec![
                Value::Integer(1),
                Value::text("one"),
                Value::Decimal(150, 2),
                Value::Date(19_000),
                Value::array(vec![Value::Integer(3), Value::Null]),
                Value::Map(vec![(Value::text("k"), Value::Integer(7))].into()),
                Value::Row(vec![Value::Integer(5), Value::text("y")].into()),
            ];
            let nulls = vec![Value::Null; row.len()];
            Ok(Resolved::Table(Table { columns, content: Content::Rows([row, nulls].into()) }))
        }
        .boxed()
    }
}

const QUERIES: &[&str] = &[
    "SELECT a, upper(b), c * 2, d + INTERVAL '1' DAY FROM t WHERE a > 0 AND b LIKE 'o%' ORDER BY 1 DESC LIMIT 5",
    "SELECT count(*), sum(a), array_agg(b ORDER BY a), max_by(b, a) FROM t GROUP BY GROUPING SETS ((b), ()) HAVING count(*) > 0",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n, e[1] FROM r, t",
    "SELECT x, o, transform(e, y -> y + a) FROM t CROSS JOIN UNNEST(e) WITH ORDINALITY AS u (x, o)",
    "SELECT a, rank() OVER (PARTITION BY b ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT TRY(CAST(b AS integer)), json_extract_scalar('{\"a\": [1, 2]}', '$.a[1]'), regexp_replace(b, '(o)', '<$1>') FROM t",
    "SELECT * FROM t x LEFT JOIN t y ON x.a = y.a AND y.g.x IN (SELECT a FROM t) WHERE EXISTS (SELECT 1 FROM t z WHERE z.a = x.a)",
    "SELECT CASE WHEN a = 1 THEN 'x' ELSE b END, IF(a IS NULL, 0, a), COALESCE(b, 'n'), 1.50 / 3, -7 % 3, X'0aff' FROM t",
    "SELECT date_trunc('month', d), date_format(TIMESTAMP '2020-01-02 03:04:05', '%Y-%m'), at_timezone(now(), 'Asia/Tokyo') FROM t",
    "(SELECT a FROM t UNION ALL SELECT 2) EXCEPT SELECT a FROM t WHERE a = ANY (VALUES 1, 2) ORDER BY 1 NULLS FIRST",
];

impl Target for Queries {
    fn seed(&self, chance: &mut Chance) -> Seed {
        chance.pick(QUERIES).as_bytes().to_vec().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let outcome = self.runtime.block_on(rows(&self.engine, &text, &Tables));
        outcome.map_err(|error| {
            no_panic(&error);
            if let Some(at) = error.at {
                assert!(at.line >= 1 && at.column >= 1, "a place is counted from 1");
            }
            error.to_string()
        })
    }
}
