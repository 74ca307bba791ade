//! `welkin wire`: the driver of `tests/wire`.

use std::io;

use crate::fault::Fault;

pub(crate) fn run() -> Result<(), Fault> {
    welkin_wire::driver::run(&mut io::stdin().lock(), &mut io::BufWriter::new(io::stdout().lock()))
        .map_err(|e| Fault::new("the lines cannot be read or written", e, "send one JSON object a line"))
}
