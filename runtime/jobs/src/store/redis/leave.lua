-- Takes a worker off the list, unless it has jobs, which are then recovered.
-- ARGV: worker, key of what is known of it
if redis.call("SCARD", INFLIGHT .. ARGV[1]) == 0 then
    redis.call("ZREM", WORKERS, ARGV[1])
    redis.call("DEL", ARGV[2])
end
return 0
