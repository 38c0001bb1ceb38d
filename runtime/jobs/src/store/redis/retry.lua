-- Gives a dead job all its attempts back; 0 if it is not dead.
-- ARGV: id
local id = ARGV[1]
if redis.call("SREM", DEAD, id) == 0 then
    return 0
end
redis.call("HDEL", META .. id, "result", "done_at")
redis.call("HSET", META .. id, "status", "Pending", "attempts", 0)
redis.call("ZADD", SCHEDULED, redis.call("TIME")[1], id)
return 1
