//! async-nats, rumqttc.

use bytes::Bytes;
use futures::StreamExt as _;
use with_after::{after, with_after};

use crate::{Failure, Outcome};

#[with_after(component)]
async fn nats(client: async_nats::Client) {
    after(async move {
        client.publish("a", Bytes::new()).await?;
        let answer = client.request("a", Bytes::new()).await?;
        let mut subscription = client.subscribe("a").await?;
        while let Some(message) = subscription.next().await {
            client.publish(message.subject, message.payload).await?;
        }
        let stream = async_nats::jetstream::new(client.clone());
        stream.publish("a", Bytes::new()).await?.await?;
        client.flush().await?;
        Ok::<_, Failure>(())
    });
}

#[with_after(component)]
async fn mqtt() {
    after(async {
        let options = rumqttc::MqttOptions::new("a", "b", 1);
        let (client, mut events) = rumqttc::AsyncClient::new(options, 1);
        client.subscribe("a", rumqttc::QoS::AtLeastOnce).await?;
        client.publish("a", rumqttc::QoS::AtMostOnce, false, "b").await?;
        events.poll().await?;
        Ok::<_, Failure>(())
    });
}
