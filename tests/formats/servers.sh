#!/usr/bin/env bash
# Runs real servers for a moment and keeps what they log, one file for each log.
# Needs: nginx, apache2, lighttpd, haproxy, redis-server, mariadb, postgresql, rabbitmq-server, squid,
# varnish, rsyslog, php, ruby, curl (Debian's packages).
#
#   tests/formats/servers.sh DIR
#
# Each server runs below DIR as the user who calls it (database servers as their own), on ports
# from 18080 on. What is kept is cut to a few lines by tests/formats/excerpt.py.

set -uo pipefail
out=$(realpath -m "$1"); mkdir -p "$out"; work=$(mktemp -d); chmod 755 "$work"; trap 'rm -rf "$work"' EXIT
get() { curl -s -m 3 -o /dev/null "$@" || true; }
keep() { [ -s "$1" ] && cp "$1" "$out/$2" || echo "nothing from $2"; }

# nginx: combined, the error log, JSON, ingress' format, LTSV
mkdir -p "$work/nginx/logs"; cat > "$work/nginx/nginx.conf" <<CONF
worker_processes 1; daemon on; pid $work/nginx/pid; error_log $work/nginx/logs/error.log info;
events {}
http {
  log_format timed '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" rt=\$request_time uct="\$upstream_connect_time" urt="\$upstream_response_time"';
  log_format asjson escape=json '{"time":"\$time_iso8601","remote_addr":"\$remote_addr","request":"\$request","status":"\$status","request_time":"\$request_time","request_id":"\$request_id"}';
  log_format ingress '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" \$request_length \$request_time [shop-stock-80] [] \$upstream_addr \$upstream_response_length \$upstream_response_time \$upstream_status \$request_id';
  log_format ltsv 'time:\$time_local\thost:\$remote_addr\tstatus:\$status\treqtime:\$request_time\treq:\$request';
  log_format msec '\$msec \$remote_addr \$status "\$request" \$request_time';
  access_log $work/nginx/logs/access.log; access_log $work/nginx/logs/timed.log timed;
  access_log $work/nginx/logs/json.log asjson; access_log $work/nginx/logs/ingress.log ingress;
  access_log $work/nginx/logs/ltsv.log ltsv; access_log $work/nginx/logs/msec.log msec;
  client_body_temp_path $work/nginx/a; proxy_temp_path $work/nginx/b; fastcgi_temp_path $work/nginx/c;
  uwsgi_temp_path $work/nginx/d; scgi_temp_path $work/nginx/e;
  server { listen 127.0.0.1:18080; root $work; location /up { proxy_pass http://127.0.0.1:1; } }
}
CONF
nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" && { for path in / /stock/A-19?full=1 /up /missing; do get "http://127.0.0.1:18080$path"; done; nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" -s quit; sleep 1; }
for name in access timed json ingress ltsv msec error; do keep "$work/nginx/logs/$name.log" "nginx-$name.log"; done

# Apache: combined with the time taken, the error log
mkdir -p "$work/apache"; modules=/usr/lib/apache2/modules; cat > "$work/apache/httpd.conf" <<CONF
ServerRoot $work/apache
ServerName shop.example
PidFile $work/apache/pid
Listen 127.0.0.1:18081
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule alias_module $modules/mod_alias.so
LoadModule proxy_module $modules/mod_proxy.so
LoadModule proxy_http_module $modules/mod_proxy_http.so
User www-data
Group www-data
DocumentRoot $work
LogLevel info
ErrorLog $work/apache/error.log
LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\" %D" timed
LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost
LogFormat "%h %l %u %t \"%r\" %>s %b" common
CustomLog $work/apache/timed.log timed
CustomLog $work/apache/vhost.log vhost
CustomLog $work/apache/common.log common
ProxyPass /up http://127.0.0.1:1/
CONF
apache2 -f "$work/apache/httpd.conf" && { sleep 1; for path in / /stock /up; do get "http://127.0.0.1:18081$path"; done; apache2 -f "$work/apache/httpd.conf" -k stop; sleep 2; }
for name in timed vhost common error; do keep "$work/apache/$name.log" "apache-$name.log"; done

# lighttpd
mkdir -p "$work/lighttpd"; cat > "$work/lighttpd/conf" <<CONF
server.document-root = "$work"
server.port = 18082
server.bind = "127.0.0.1"
server.modules = ("mod_accesslog")
accesslog.filename = "$work/lighttpd/access.log"
server.errorlog = "$work/lighttpd/error.log"
CONF
lighttpd -D -f "$work/lighttpd/conf" & pid=$!; sleep 1; get http://127.0.0.1:18082/; get http://127.0.0.1:18082/x; kill $pid; wait $pid
keep "$work/lighttpd/access.log" lighttpd-access.log; keep "$work/lighttpd/error.log" lighttpd-error.log

# HAProxy, to its standard output
cat > "$work/haproxy.cfg" <<CONF
global
  log stdout format raw local0
defaults
  log global
  mode http
  option httplog
  timeout connect 1s
  timeout client 3s
  timeout server 3s
frontend web
  bind 127.0.0.1:18083
  capture request header Host len 40
  default_backend stock
backend stock
  server inv1 127.0.0.1:18099 check
CONF
haproxy -f "$work/haproxy.cfg" > "$work/haproxy.log" 2>&1 & pid=$!; sleep 1; get http://127.0.0.1:18083/stock; get http://127.0.0.1:18083/x; kill $pid; wait $pid
keep "$work/haproxy.log" haproxy.log

# Redis
redis-server --port 18084 --dir "$work" --save "" > "$work/redis.log" 2>&1 & pid=$!; sleep 1; redis-cli -p 18084 save > /dev/null; kill $pid; wait $pid
keep "$work/redis.log" redis.log

# Squid
mkdir -p "$work/squid"; chown proxy: "$work/squid"; cat > "$work/squid/conf" <<CONF
http_port 127.0.0.1:18085
http_access allow all
access_log stdio:$work/squid/access.log squid
access_log stdio:$work/squid/combined.log combined
cache_log $work/squid/cache.log
pid_filename $work/squid/pid
cache deny all
shutdown_lifetime 0 seconds
CONF
squid -N -f "$work/squid/conf" 2>/dev/null & pid=$!; sleep 2; get -x http://127.0.0.1:18085 http://127.0.0.1:1/stock; kill $pid; wait $pid
for name in access combined cache; do keep "$work/squid/$name.log" "squid-$name.log"; done

# MariaDB: the error log, the general log, slow queries
data="$work/mariadb"; mkdir "$data"; chown mysql: "$data"
mariadb-install-db --user=mysql --datadir="$data" > /dev/null 2>&1
mariadbd --user=mysql --datadir="$data" --port=18086 --socket="$data/sock" --log-error="$data/error.log" --slow-query-log=1 --slow-query-log-file="$data/slow.log" --long-query-time=0 --general-log=1 --general-log-file="$data/general.log" > /dev/null 2>&1 & pid=$!
for try in 1 2 3 4 5 6 7 8; do sleep 1; mariadb --socket="$data/sock" -e "select 1" > /dev/null 2>&1 && break; done
mariadb --socket="$data/sock" -e "create database shop; use shop; create table orders (id int); insert into orders values (5521); select * from orders where id = 5521" > /dev/null
kill $pid; wait $pid
for name in error slow general; do keep "$data/$name.log" "mariadb-$name.log"; done

# PostgreSQL: the default prefix, a busier one, CSV, JSON
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1); data="$work/postgres"
if [ -n "$bin" ]; then
  mkdir "$data"; chown postgres: "$data"; as() { su postgres -s /bin/sh -c "$*"; }
  as "$bin/initdb -D $data/db > /dev/null"
  as "$bin/postgres -D $data/db -p 18087 -k $data -c log_statement=all -c log_min_duration_statement=0 -c logging_collector=on -c log_destination=stderr,csvlog,jsonlog -c log_directory=$data/log -c log_filename=server.log" > /dev/null 2>&1 &
  pid=$!; sleep 3
  as "psql -q -h $data -p 18087 -c 'create table orders (id int primary key)' -c 'insert into orders values (5521)' -c 'insert into orders values (5521)' -c 'select missing' postgres" > /dev/null 2>&1
  as "$bin/pg_ctl -D $data/db stop -m fast" > /dev/null; wait $pid
  for name in log csv json; do keep "$data/log/server.$name" "postgresql.$name"; done
fi

# RabbitMQ
mkdir -p "$work/rabbit"
HOME="$work/rabbit" RABBITMQ_NODENAME=shop@localhost RABBITMQ_NODE_PORT=18088 RABBITMQ_DIST_PORT=18089 RABBITMQ_MNESIA_BASE="$work/rabbit/db" RABBITMQ_LOG_BASE="$work/rabbit/log" RABBITMQ_ENABLED_PLUGINS_FILE="$work/rabbit/plugins" RABBITMQ_PID_FILE="$work/rabbit/pid" ERL_EPMD_PORT=18090 timeout 40 /usr/lib/rabbitmq/bin/rabbitmq-server > "$work/rabbit/out.log" 2>&1 & pid=$!; sleep 20; kill $pid 2>/dev/null; wait $pid
for file in "$work"/rabbit/log/*.log; do keep "$file" rabbitmq.log; break; done

# Varnish
mkdir -p "$work/varnish"
varnishd -F -a 127.0.0.1:18091 -b 127.0.0.1:1 -n "$work/varnish" -s malloc,10m -j none > "$work/varnish.out" 2>&1 & pid=$!; sleep 3
varnishncsa -n "$work/varnish" > "$work/varnish.log" 2>/dev/null & other=$!; sleep 1; get http://127.0.0.1:18091/stock; sleep 2; kill $other $pid; wait $other $pid
keep "$work/varnish.log" varnish-access.log

# rsyslog: the traditional format, the one with precise times, RFC 5424
cat > "$work/rsyslog.conf" <<CONF
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$work/syslog.sock")
template(name="rfc5424" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% %HOSTNAME% %APP-NAME% %PROCID% %MSGID% %STRUCTURED-DATA% %msg%\n")
template(name="withpri" type="string" string="<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag%%msg%\n")
*.* action(type="omfile" file="$work/traditional.log" template="RSYSLOG_TraditionalFileFormat")
*.* action(type="omfile" file="$work/precise.log" template="RSYSLOG_FileFormat")
*.* action(type="omfile" file="$work/rfc5424.log" template="rfc5424")
*.* action(type="omfile" file="$work/withpri.log" template="withpri")
CONF
rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" & pid=$!; sleep 2
logger -u "$work/syslog.sock" -t payments -p user.err "charge failed trace_id=7b2f9c41d05e83a6194cbe70f2a85d13"
logger -u "$work/syslog.sock" -t payments --id=71 -p daemon.warning "stock low"
sleep 1; kill $pid; wait $pid
for name in traditional precise rfc5424 withpri; do keep "$work/$name.log" "rsyslog-$name.log"; done

# PHP and Ruby
php -d error_log="$work/php.log" -d log_errors=1 -d display_errors=0 -r 'error_log("stock low"); echo $sku; function pay() { throw new RuntimeException("declined"); } pay();' > /dev/null 2>&1
keep "$work/php.log" php-error.log
php -S 127.0.0.1:18092 -t "$work" > "$work/php-server.log" 2>&1 & pid=$!; sleep 1; get http://127.0.0.1:18092/x; kill $pid; wait $pid
keep "$work/php-server.log" php-server.log
ruby -rlogger -e 'l = Logger.new(ARGV[0]); l.info("shop") { "cart loaded" }; l.warn("stock low"); begin; raise ArgumentError, "no such cart"; rescue => e; l.error(e); end' "$work/ruby.log"
keep "$work/ruby.log" ruby-logger.log
exit 0
