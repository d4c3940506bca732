//! The tables that are printed, with the targets beside the figures.

use crate::callers::Figures;

/// One load on one database.
pub struct Row {
    pub database: &'static str,
    pub lots: usize,
    pub ours: Figures,
    pub row_lock: Figures,
    /// Group commits of the same rows into the same number of auctions.
    pub bare: Figures,
    /// The same into a single auction, where there are several: every key goes to one place.
    pub bare_on_one: Option<Figures>,
    /// Bids per commit of ours, which is also the batch of the bare commits.
    pub batch: f64,
}

/// One load through HTTP.
pub struct HttpRow {
    pub database: &'static str,
    pub lots: usize,
    pub connections: usize,
    pub figures: Figures,
}

/// Everything that was measured.
pub struct Table {
    syncs_per_second: f64,
    rows: Vec<Row>,
    http: Vec<HttpRow>,
}

impl Table {
    pub fn new(syncs_per_second: f64) -> Self {
        Self {
            syncs_per_second,
            rows: Vec::new(),
            http: Vec::new(),
        }
    }

    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub fn push_http(&mut self, row: HttpRow) {
        self.http.push(row);
    }

    /// Prints it; figures that miss a target say so and fail nothing.
    pub fn print(&self) {
        let mut out = std::io::stdout().lock();
        // Nobody reads a table whose pipe is closed.
        let _ = self.write(&mut out);
    }

    fn write(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        writeln!(
            out,
            "\nDurable bids; this disk syncs {:.0} times a second.\n",
            self.syncs_per_second
        )?;
        for row in &self.rows {
            let Row {
                database,
                lots,
                ours,
                row_lock,
                bare,
                bare_on_one,
                batch,
            } = row;
            writeln!(out, "{database}, {lots} auction{}", if *lots == 1 { "" } else { "s" })?;
            line(out, "bid desk (ours)", ours, &format!("{batch:.0} bids per commit"))?;
            line(
                out,
                "row lock per bid",
                row_lock,
                &format!("ours is {:.1}x", ours.per_second / row_lock.per_second),
            )?;
            let share = 100.0 * ours.per_second / bare.per_second;
            line(out, "bare group commit", bare, &format!("ours is {share:.0} %"))?;
            if let Some(bare) = bare_on_one {
                let share = 100.0 * ours.per_second / bare.per_second;
                line(out, "  into one auction", bare, &format!("ours is {share:.0} %"))?;
            }
            for (target, is_met) in targets(row) {
                writeln!(out, "  {} {target}", if is_met { "met:   " } else { "MISSED:" })?;
            }
            writeln!(out)?;
        }
        for row in &self.http {
            let HttpRow {
                database,
                lots,
                connections,
                figures,
            } = row;
            writeln!(
                out,
                "{database}, {lots} auctions, over HTTP with {connections} keep-alive connections"
            )?;
            line(out, "POST /api/bids", figures, "server and clients share the machine")?;
        }
        Ok(())
    }
}

fn targets(row: &Row) -> Vec<(&'static str, bool)> {
    let is_hot = row.lots == 1;
    let half = (
        "at least 50 % of bare group commits",
        row.ours.per_second >= 0.5 * row.bare.per_second,
    );
    match (row.database, is_hot) {
        ("SQLite", true) => vec![("at least 23,000 bids/s", row.ours.per_second >= 23_000.0), half],
        (_, true) => {
            let is_met = row.ours.per_second >= 10.0 * row.row_lock.per_second;
            vec![("at least 10x the row lock per bid", is_met), half]
        }
        (_, false) => vec![("50,000 bids/s (design)", row.ours.per_second >= 50_000.0), half],
    }
}

fn line(out: &mut impl std::io::Write, name: &str, figures: &Figures, remark: &str) -> std::io::Result<()> {
    let Figures {
        per_second,
        p50,
        p99,
        cpu_per_bid,
        ..
    } = figures;
    let cpu = match cpu_per_bid.as_micros() {
        0 => String::new(),
        micros => format!("{micros} us CPU per bid   "),
    };
    writeln!(
        out,
        "  {name:<18} {per_second:>8.0} bids/s   p50 {:>7.1} ms   p99 {:>7.1} ms   {cpu}{remark}",
        p50.as_secs_f64() * 1e3,
        p99.as_secs_f64() * 1e3,
    )
}

/// The nearest whole number, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and not negative"
)]
pub fn whole(number: f64) -> usize {
    (number.round() as usize).max(1)
}
