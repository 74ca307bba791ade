//! The rows, by the rules of clause 4.2.3. A row follows from its key and the scale alone, so that parts of a table can
//! be made apart, and an order's price from its lines.

use crate::chance::Chance;
use crate::comment::comment;
use crate::table::{Scale, Table};
use crate::words::{COLORS, CONTAINERS, INSTRUCTIONS, MODES, NATIONS, PRIORITIES, REGIONS, SEGMENTS, TYPES};

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A key or a count.
    Number(i64),
    /// A decimal, in hundredths.
    Cents(i64),
    /// Days since 1970-01-01.
    Day(i32),
    Text(String),
}

/// 1992-01-01, the first day of orders; 1998-08-02, the last of them; 1995-06-17, the day that is today.
const FIRST: i32 = 8_035;
const LAST: i32 = 10_440;
const TODAY: i32 = 9_298;

/// The rows that a unit of a table makes.
pub(crate) fn rows(table: Table, scale: Scale, unit: u64) -> Vec<Vec<Cell>> {
    let key = unit as i64 + 1;
    match table {
        Table::Part => vec![part(key)],
        Table::Supplier => vec![supplier(key)],
        Table::PartSupp => (0..4).map(|n| part_supp(scale, key, n)).collect(),
        Table::Customer => vec![customer(key)],
        Table::Orders => vec![order(scale, unit)],
        Table::LineItem => Order::new(scale, unit).lines.iter().enumerate().map(|(n, line)| line.cells(n)).collect(),
        Table::Nation => vec![nation(unit)],
        Table::Region => vec![region(unit)],
    }
}

fn text(it: impl Into<String>) -> Cell {
    Cell::Text(it.into())
}

fn chance(table: Table, row: u64) -> Chance {
    Chance::of(table as u64 + 1, row)
}

fn phone(chance: &mut Chance, nation: i64) -> Cell {
    let (a, b, c) = (chance.between(100, 999), chance.between(100, 999), chance.between(1000, 9999));
    text(format!("{}-{a}-{b}-{c}", nation + 10))
}

/// In hundredths (clause 4.2.3: P_RETAILPRICE).
fn retail_price(part: i64) -> i64 {
    90_000 + part / 10 % 20_001 + 100 * (part % 1000)
}

/// The nth of the four suppliers of a part.
fn supplier_of(scale: Scale, part: i64, n: i64) -> i64 {
    let all = scale.suppliers() as i64;
    (part + n * (all / 4 + (part - 1) / all)) % all + 1
}

fn part(key: i64) -> Vec<Cell> {
    let mut it = chance(Table::Part, key as u64);
    let mut names: Vec<&str> = Vec::new();
    while names.len() < 5 {
        let color = it.pick(COLORS);
        if !names.contains(&color) {
            names.push(color);
        }
    }
    let maker = it.between(1, 5);
    let brand = it.between(1, 5);
    let kind: Vec<&str> = TYPES.iter().map(|words| it.pick(words)).collect();
    let container: Vec<&str> = CONTAINERS.iter().map(|words| it.pick(words)).collect();
    vec![
        Cell::Number(key),
        text(names.join(" ")),
        text(format!("Manufacturer#{maker}")),
        text(format!("Brand#{maker}{brand}")),
        text(kind.join(" ")),
        Cell::Number(it.between(1, 50)),
        text(container.join(" ")),
        Cell::Cents(retail_price(key)),
        text(comment(&mut it, 5, 22)),
    ]
}

fn supplier(key: i64) -> Vec<Cell> {
    let mut it = chance(Table::Supplier, key as u64);
    let nation = it.between(0, 24);
    let mut about = comment(&mut it, 25, 100);
    // Five in ten thousand complain, and five recommend; the specification chooses them by chance.
    for (place, word) in [(7, "Complaints"), (1007, "Recommends")] {
        if key % 2000 == place {
            about.truncate(40);
            about.push_str(&format!("Customer {}{word}", it.pick(&["slyly ", "", "final, "])));
        }
    }
    vec![
        Cell::Number(key),
        text(format!("Supplier#{key:09}")),
        text(it.letters(10, 40)),
        Cell::Number(nation),
        phone(&mut it, nation),
        Cell::Cents(it.between(-99_999, 999_999)),
        text(about),
    ]
}

fn part_supp(scale: Scale, part: i64, n: i64) -> Vec<Cell> {
    let mut it = chance(Table::PartSupp, part as u64 * 4 + n as u64);
    vec![
        Cell::Number(part),
        Cell::Number(supplier_of(scale, part, n)),
        Cell::Number(it.between(1, 9_999)),
        Cell::Cents(it.between(100, 100_000)),
        text(comment(&mut it, 49, 198)),
    ]
}

fn customer(key: i64) -> Vec<Cell> {
    let mut it = chance(Table::Customer, key as u64);
    let nation = it.between(0, 24);
    vec![
        Cell::Number(key),
        text(format!("Customer#{key:09}")),
        text(it.letters(10, 40)),
        Cell::Number(nation),
        phone(&mut it, nation),
        Cell::Cents(it.between(-99_999, 999_999)),
        text(it.pick(SEGMENTS)),
        text(comment(&mut it, 29, 116)),
    ]
}

fn nation(key: u64) -> Vec<Cell> {
    let mut it = chance(Table::Nation, key);
    let (name, region) = NATIONS.get(key as usize).copied().unwrap_or_default();
    vec![Cell::Number(key as i64), text(name), Cell::Number(region), text(comment(&mut it, 31, 114))]
}

fn region(key: u64) -> Vec<Cell> {
    let mut it = chance(Table::Region, key);
    let name = REGIONS.get(key as usize).copied().unwrap_or_default();
    vec![Cell::Number(key as i64), text(name), text(comment(&mut it, 31, 115))]
}

/// An order with its lines.
struct Order {
    key: i64,
    day: i32,
    lines: Vec<Line>,
}

struct Line {
    order: i64,
    part: i64,
    supplier: i64,
    quantity: i64,
    price: i64,
    discount: i64,
    tax: i64,
    shipped: i32,
    committed: i32,
    received: i32,
    flag: &'static str,
    instruction: &'static str,
    mode: &'static str,
    comment: String,
}

impl Order {
    fn new(scale: Scale, unit: u64) -> Self {
        let mut it = chance(Table::LineItem, unit);
        // Eight keys of each 32 are used.
        let key = (unit / 8 * 32 + unit % 8 + 1) as i64;
        let day = it.between(FIRST.into(), LAST.into()) as i32;
        let count = it.between(1, 7);
        let lines = (0..count).map(|_| Line::new(&mut it, scale, key, day)).collect();
        Self { key, day, lines }
    }

    fn status(&self) -> &'static str {
        let open = self.lines.iter().filter(|line| line.status() == "O").count();
        match open {
            0 => "F",
            all if all == self.lines.len() => "O",
            _ => "P",
        }
    }

    /// The sum of `price * (1 + tax) * (1 - discount)`, in hundredths.
    fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.price * (100 + line.tax) * (100 - line.discount) / 10_000).sum()
    }
}

impl Line {
    fn new(it: &mut Chance, scale: Scale, order: i64, day: i32) -> Self {
        let part = it.between(1, scale.parts() as i64);
        let n = it.between(0, 3);
        let quantity = it.between(1, 50);
        let shipped = day + it.between(1, 121) as i32;
        let committed = day + it.between(30, 90) as i32;
        let received = shipped + it.between(1, 30) as i32;
        Self {
            order,
            part,
            supplier: supplier_of(scale, part, n),
            quantity,
            price: quantity * retail_price(part),
            discount: it.between(0, 10),
            tax: it.between(0, 8),
            shipped,
            committed,
            received,
            flag: if received <= TODAY { it.pick(&["R", "A"]) } else { "N" },
            instruction: it.pick(INSTRUCTIONS),
            mode: it.pick(MODES),
            comment: comment(it, 10, 43),
        }
    }

    fn status(&self) -> &'static str {
        if self.shipped > TODAY { "O" } else { "F" }
    }

    fn cells(&self, n: usize) -> Vec<Cell> {
        vec![
            Cell::Number(self.order),
            Cell::Number(self.part),
            Cell::Number(self.supplier),
            Cell::Number(n as i64 + 1),
            Cell::Cents(self.quantity * 100),
            Cell::Cents(self.price),
            Cell::Cents(self.discount),
            Cell::Cents(self.tax),
            text(self.flag),
            text(self.status()),
            Cell::Day(self.shipped),
            Cell::Day(self.committed),
            Cell::Day(self.received),
            text(self.instruction),
            text(self.mode),
            text(self.comment.clone()),
        ]
    }
}

fn order(scale: Scale, unit: u64) -> Vec<Cell> {
    let order = Order::new(scale, unit);
    let mut it = chance(Table::Orders, unit);
    // A third of the customers never order.
    let customer = loop {
        let one = it.between(1, scale.customers() as i64);
        if one % 3 != 0 {
            break one;
        }
    };
    let clerks = ((1000.0 * scale.0) as i64).max(1);
    vec![
        Cell::Number(order.key),
        Cell::Number(customer),
        text(order.status()),
        Cell::Cents(order.total()),
        Cell::Day(order.day),
        text(it.pick(PRIORITIES)),
        text(format!("Clerk#{:09}", it.between(1, clerks))),
        Cell::Number(0),
        text(comment(&mut it, 19, 78)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Scale = Scale(0.01);

    #[test]
    fn rows_are_the_same_every_time_and_differ_from_one_another() {
        for table in Table::ALL {
            assert_eq!(rows(table, SMALL, 3), rows(table, SMALL, 3));
            assert_ne!(rows(table, SMALL, 3), rows(table, SMALL, 4));
            assert!(rows(table, SMALL, 3).iter().all(|row| row.len() == table.columns().len()), "{table:?}");
        }
    }

    #[test]
    fn a_part_has_four_suppliers_and_its_lines_name_one_of_them() {
        for part in 1..=2000 {
            let four: std::collections::BTreeSet<i64> = (0..4).map(|n| supplier_of(SMALL, part, n)).collect();
            assert_eq!(four.len(), 4, "part {part}");
        }
        for unit in 0..200 {
            for line in Order::new(SMALL, unit).lines {
                assert!((0..4).any(|n| supplier_of(SMALL, line.part, n) == line.supplier));
                assert!(line.shipped < line.received && line.price == line.quantity * retail_price(line.part));
            }
        }
    }

    #[test]
    fn keys_of_orders_leave_gaps_and_a_third_of_the_customers_out() {
        let keys: Vec<i64> = (0..10).map(|unit| Order::new(SMALL, unit).key).collect();
        assert_eq!(keys, [1, 2, 3, 4, 5, 6, 7, 8, 33, 34]);
        for unit in 0..500 {
            let Cell::Number(customer) = order(SMALL, unit)[1] else { panic!("a key") };
            assert_ne!(customer % 3, 0);
        }
    }
}
