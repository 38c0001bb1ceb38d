-- Takes the jobs of dead workers back, and returns those that had no attempt left.
-- ARGV: for how many seconds a dead worker was not seen, result
local now = tonumber(redis.call("TIME")[1])
local dead = {}
for _, worker in ipairs(redis.call("ZRANGEBYSCORE", WORKERS, "-inf", now - tonumber(ARGV[1]))) do
    for _, id in ipairs(redis.call("SMEMBERS", INFLIGHT .. worker)) do
        local meta = META .. id
        local attempts = tonumber(redis.call("HGET", meta, "attempts")) or 0
        local max = tonumber(redis.call("HGET", meta, "max_attempts")) or 1
        redis.call("HDEL", meta, "locked_by", "locked_at")
        redis.call("HSET", meta, "result", ARGV[2])
        if attempts < max then
            redis.call("HSET", meta, "status", "Failed")
            redis.call("ZADD", SCHEDULED, now, id)
        else
            redis.call("HSET", meta, "status", "Killed", "done_at", now)
            redis.call("SADD", DEAD, id)
            table.insert(dead, stored(id))
        end
    end
    redis.call("DEL", INFLIGHT .. worker)
    redis.call("ZREM", WORKERS, worker)
end
return dead
