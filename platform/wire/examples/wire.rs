//! The driver that `tests/wire` talks to: JSON lines on standard input and output.

use std::io;

fn main() -> io::Result<()> {
    welkin_wire::driver::run(&mut io::stdin().lock(), &mut io::BufWriter::new(io::stdout().lock()))
}
