//! Money on the wire: a JSON number in units of the currency, exact in both directions.

use platform::{Context, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount in units of the currency, for instance `12.5`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = f64)]
pub(crate) struct Amount(serde_json::Number);

impl Amount {
    /// The amount in minor units of the installation's currency; what is wrong is said about `field`.
    pub(crate) fn to_money(&self, ctx: &Context, field: &'static str) -> Result<Money, platform::Error> {
        Money::from_json(field, &self.0, ctx.platform.config().currency)
    }
}

/// An amount in a query, in minor units of the installation's currency; what is wrong is said about `field`.
pub(crate) fn money_in_query(ctx: &Context, field: &'static str, text: &str) -> Result<Money, platform::Error> {
    let number = serde_json::from_str::<serde_json::Number>(text)
        .map_err(|_| platform::Error::invalid(field, format!("{field} must be a number")))?;
    Amount(number).to_money(ctx, field)
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self(money.to_json())
    }
}
