//! The part of the story in which her region is closed for an upgrade and her third visit is settled later.

use serde_json::json;

use crate::story::Story;

const VISIT: &str = "MZ20261122003";
const REGION: &str = "/regions/341200";

impl Story {
    /// The region closes, and the bill is taken to be settled later.
    pub(crate) async fn defer(&mut self) -> anyhow::Result<()> {
        self.stage.admin().put(REGION, &json!({ "upgrade": {} })).await?;
        let params = self.filled(&self.block("deferred-request", "visit.settle")?.body);
        let told = self.desk.done("visit.settle", &params).await?;
        assert_eq!(told["outcome"], "deferred", "{told}");
        let shown = self.block("deferred-answer", "visit.settle")?;
        self.keep(&shown, &["result"]);
        assert_eq!(self.stage.admin().standing(VISIT).await?, 0);
        let asked = json!({ "bill_id": params["bill_id"] });
        self.desk.done("visit.status", &asked).await?;
        let shown = self.block("deferred-answer", "visit.status")?;
        self.keep(&shown, &["result"]);
        Ok(())
    }

    pub(crate) async fn open_the_region(&self) -> anyhow::Result<()> {
        self.stage.admin().put(REGION, &json!({})).await?;
        Ok(())
    }

    /// Until the queue has settled the bill: the event, and the list.
    pub(crate) async fn watch_the_queue(&mut self) -> anyhow::Result<()> {
        self.desk
            .event(|event| event["kind"] == "queue_changed" && event["detail"] == "settled")
            .await?;
        let shown = self.block("deferred-notification", "event")?;
        self.keep(&shown, &["params"]);
        self.desk.done("queue.list", &json!({})).await?;
        let shown = self.block("deferred-answer", "queue.list")?;
        self.keep(&shown, &["result"]);
        assert_eq!(self.stage.admin().standing(VISIT).await?, 1);
        Ok(())
    }
}
