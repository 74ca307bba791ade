//! The tables: columns, types, and how many rows they have (clauses 1.4 and 4.2.5).

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Parts.
    Part,
    /// Suppliers.
    Supplier,
    /// Which supplier has which part.
    PartSupp,
    /// Customers.
    Customer,
    /// Orders.
    Orders,
    /// The lines of orders.
    LineItem,
    /// Nations.
    Nation,
    /// Regions.
    Region,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key.
    Bigint,
    /// A count.
    Integer,
    /// Money, or a quantity: two digits after the point.
    Decimal,
    /// A day.
    Date,
    /// A text.
    Text,
}

impl Kind {
    /// As Glue names it.
    pub fn hive(self) -> &'static str {
        match self {
            Kind::Bigint => "bigint",
            Kind::Integer => "int",
            Kind::Decimal => "decimal(15,2)",
            Kind::Date => "date",
            Kind::Text => "string",
        }
    }
}

/// How much data there is: 1 is about a gigabyte of text.
#[derive(Clone, Copy, Debug)]
pub struct Scale(pub f64);

impl Scale {
    fn times(self, rows: u64) -> u64 {
        ((rows as f64 * self.0).round() as u64).max(1)
    }

    pub(crate) fn parts(self) -> u64 {
        self.times(200_000)
    }

    pub(crate) fn suppliers(self) -> u64 {
        // Every part has four, who differ.
        self.times(10_000).max(4)
    }

    pub(crate) fn customers(self) -> u64 {
        self.times(150_000).max(3)
    }

    pub(crate) fn orders(self) -> u64 {
        self.customers() * 10
    }
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 8] = [
        Table::Region,
        Table::Nation,
        Table::Supplier,
        Table::Part,
        Table::PartSupp,
        Table::Customer,
        Table::Orders,
        Table::LineItem,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Table::Part => "part",
            Table::Supplier => "supplier",
            Table::PartSupp => "partsupp",
            Table::Customer => "customer",
            Table::Orders => "orders",
            Table::LineItem => "lineitem",
            Table::Nation => "nation",
            Table::Region => "region",
        }
    }

    /// Its columns: name and type.
    pub fn columns(self) -> &'static [(&'static str, Kind)] {
        use Kind::{Bigint, Date, Decimal, Integer, Text};
        match self {
            Table::Part => &[
                ("p_partkey", Bigint),
                ("p_name", Text),
                ("p_mfgr", Text),
                ("p_brand", Text),
                ("p_type", Text),
                ("p_size", Integer),
                ("p_container", Text),
                ("p_retailprice", Decimal),
                ("p_comment", Text),
            ],
            Table::Supplier => &[
                ("s_suppkey", Bigint),
                ("s_name", Text),
                ("s_address", Text),
                ("s_nationkey", Bigint),
                ("s_phone", Text),
                ("s_acctbal", Decimal),
                ("s_comment", Text),
            ],
            Table::PartSupp => &[
                ("ps_partkey", Bigint),
                ("ps_suppkey", Bigint),
                ("ps_availqty", Integer),
                ("ps_supplycost", Decimal),
                ("ps_comment", Text),
            ],
            Table::Customer => &[
                ("c_custkey", Bigint),
                ("c_name", Text),
                ("c_address", Text),
                ("c_nationkey", Bigint),
                ("c_phone", Text),
                ("c_acctbal", Decimal),
                ("c_mktsegment", Text),
                ("c_comment", Text),
            ],
            Table::Orders => &[
                ("o_orderkey", Bigint),
                ("o_custkey", Bigint),
                ("o_orderstatus", Text),
                ("o_totalprice", Decimal),
                ("o_orderdate", Date),
                ("o_orderpriority", Text),
                ("o_clerk", Text),
                ("o_shippriority", Integer),
                ("o_comment", Text),
            ],
            Table::LineItem => &[
                ("l_orderkey", Bigint),
                ("l_partkey", Bigint),
                ("l_suppkey", Bigint),
                ("l_linenumber", Integer),
                ("l_quantity", Decimal),
                ("l_extendedprice", Decimal),
                ("l_discount", Decimal),
                ("l_tax", Decimal),
                ("l_returnflag", Text),
                ("l_linestatus", Text),
                ("l_shipdate", Date),
                ("l_commitdate", Date),
                ("l_receiptdate", Date),
                ("l_shipinstruct", Text),
                ("l_shipmode", Text),
                ("l_comment", Text),
            ],
            Table::Nation => &[("n_nationkey", Bigint), ("n_name", Text), ("n_regionkey", Bigint), ("n_comment", Text)],
            Table::Region => &[("r_regionkey", Bigint), ("r_name", Text), ("r_comment", Text)],
        }
    }

    /// What its rows are made for: a row each, four, or the lines of an order.
    pub(crate) fn units(self, scale: Scale) -> u64 {
        match self {
            Table::Part | Table::PartSupp => scale.parts(),
            Table::Supplier => scale.suppliers(),
            Table::Customer => scale.customers(),
            Table::Orders | Table::LineItem => scale.orders(),
            Table::Nation => 25,
            Table::Region => 5,
        }
    }
}
