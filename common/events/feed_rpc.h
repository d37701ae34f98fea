// The event feed on the wire; included by main.cc alone.
#pragma once

#include "arasta/events/v1/events.grpc.pb.h"
#include "common/concurrency/worker_pool.h"
#include "common/events/consumer.h"
#include "common/events/event_feed.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"

namespace arasta::events {

inline void RegisterEventFeed(rpc::Server& server, concurrency::WorkerPool& workers, EventFeed& feed) {
  rpc::Service<v1::EventFeedService> service(server, workers);
  service.Add("ReplayEvents", &EventFeed::ReplayEvents, feed);
  service.Add("AckEvents", &EventFeed::AckEvents, feed);
  service.Add("GetHeads", &EventFeed::GetHeads, feed);
}

// Another process's feed.
class RemoteFeed : public Feed {
 public:
  explicit RemoteFeed(rpc::Channel& channel) : stub_(channel) {}

  absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(const Call& call,
                                                        const v1::ReplayEventsRequest& request) override {
    return rpc::Invoke(call, stub_, &v1::EventFeedService::Stub::ReplayEvents, request);
  }
  absl::StatusOr<v1::AckEventsResponse> AckEvents(const Call& call,
                                                  const v1::AckEventsRequest& request) override {
    return rpc::Invoke(call, stub_, &v1::EventFeedService::Stub::AckEvents, request);
  }

 private:
  rpc::Stub<v1::EventFeedService> stub_;
};

}  // namespace arasta::events
