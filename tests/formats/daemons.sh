#!/usr/bin/env bash
# Runs more servers in the foreground for a moment and keeps what they say, one file for each.
# Needs those of Debian's packages that are named below; what is not installed is passed over.
#
#   tests/formats/daemons.sh DIR
#
# What is kept is cut to a few lines by tests/formats/excerpt.py.

set -uo pipefail
out=$(realpath -m "$1"); mkdir -p "$out"; work=$(mktemp -d); chmod 755 "$work"; trap 'rm -rf "$work"' EXIT
say() { # NAME SECONDS COMMAND…
  local name=$1 seconds=$2; shift 2
  command -v "$1" > /dev/null || { echo "no $1"; return; }
  mkdir -p "$work/$name"; (cd "$work/$name" && timeout -k 2 "$seconds" "$@" < /dev/null > "$out/$name.log" 2>&1); true
}
keep() { [ -s "$1" ] && cp "$1" "$out/$2.log" || echo "nothing from $2"; }
here=127.0.0.1
: > "$work/empty"

# Go: logfmt, JSON, capnslog, zap and the standard library
say prometheus 5 prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path="$work/tsdb" --web.listen-address=$here:19090
say prometheus-json 5 prometheus --log.format=json --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path="$work/tsdb2" --web.listen-address=$here:19090
say alertmanager 3 prometheus-alertmanager --config.file=/etc/prometheus/alertmanager.yml --storage.path="$work/am" --web.listen-address=$here:19093 --cluster.listen-address=
for logger in capnslog zap; do
  say etcd-$logger 5 etcd --logger=$logger --data-dir "$work/$logger" --listen-client-urls http://$here:12379 --advertise-client-urls http://$here:12379 --listen-peer-urls http://$here:12380
done
say nats 3 nats-server -p 14222 -DV
say influxd 5 influxd
printf '{\n admin off\n debug\n}\n:18094 {\n log\n respond "ok"\n}\n' > "$work/Caddyfile"
(sleep 2; curl -s -o /dev/null http://$here:18094/) & say caddy 5 caddy run --config "$work/Caddyfile" --adapter caddyfile
say syncthing 5 syncthing serve --home "$work/syncthing-home" --no-browser
say rclone 3 rclone -vv ls /etc/apt

# Names, mail, proxies, tunnels
printf 'options { directory "%s"; listen-on port 15353 { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "%s/named.pid"; session-keyfile "%s/key"; };\ncontrols {};\n' "$work" "$work" "$work" > "$work/named.conf"
say named 4 named -g -c "$work/named.conf"
for ascii in no yes; do
  printf 'server:\n interface: 127.0.0.1@15354\n chroot: ""\n username: ""\n pidfile: "%s/unbound.pid"\n directory: "%s"\n use-syslog: no\n log-time-ascii: %s\n verbosity: 3\n' "$work" "$work" $ascii > "$work/unbound.conf"
  say unbound-ascii-$ascii 3 unbound -d -c "$work/unbound.conf"
done
say dnsmasq 3 dnsmasq -d -q -p 15355 --log-facility=-
say nsd 3 nsd -d -c "$work/empty" -p 15356 -a $here
say knotd 3 knotd -v -c /etc/knot/knot.conf
say pdns 3 pdns_server --launch=bind --local-port=15357 --local-address=$here --loglevel=9 --log-timestamp --guardian=no --daemon=no
say pdns-recursor 3 pdns_recursor --local-port=15358 --local-address=$here --daemon=no --loglevel=9
say stubby 3 stubby -l
say privoxy 3 privoxy --no-daemon /etc/privoxy/config
say tor 5 tor --DataDirectory "$work/tor-data" --SocksPort 19050 -f /nowhere --ignore-missing-torrc
printf 'foreground = yes\npid =\n[shop]\naccept = 127.0.0.1:18443\nconnect = 127.0.0.1:80\ncert = /etc/ssl/certs/ssl-cert-snakeoil.pem\nkey = /etc/ssl/private/ssl-cert-snakeoil.key\n' > "$work/stunnel.conf"
say stunnel 3 stunnel4 "$work/stunnel.conf"
say hitch 3 hitch --backend="[$here]:80" --frontend="[$here]:18097" /etc/ssl/private/ssl-cert-snakeoil.key
say openvpn 4 openvpn --client --dev null --dev-type tun --verb 5 --remote $here 1194 --ca /etc/ssl/certs/ca-certificates.crt --cert /etc/ssl/certs/ssl-cert-snakeoil.pem --key /etc/ssl/private/ssl-cert-snakeoil.key --ifconfig-noexec --route-noexec
say rspamd 5 rspamd -f -u _rspamd -g _rspamd; keep /var/log/rspamd/rspamd.log rspamd
say freeradius 4 freeradius -f -l stdout
say kamailio 4 kamailio -DD -E -ddd
say ejabberd 12 ejabberdctl foreground; ejabberdctl stop
say proftpd 3 proftpd -n -d 5
say cups 3 cupsd -f -c /etc/cups/cupsd.conf; keep /var/log/cups/error_log cups
say icecast 3 icecast2 -c /etc/icecast2/icecast.xml; keep /var/log/icecast2/error.log icecast

# Queues, pools, time, watchdogs
say mosquitto 3 mosquitto -v -p 11883
say gearmand 3 gearmand -l stderr --verbose DEBUG -p 14730
printf '[databases]\nshop = host=127.0.0.1\n[pgbouncer]\nlisten_port=16432\nlisten_addr=127.0.0.1\nauth_type=any\n' > "$work/pgbouncer.ini"; chmod 644 "$work/pgbouncer.ini"
say pgbouncer 3 runuser -u nobody -- pgbouncer "$work/pgbouncer.ini"
say pgpool 4 pgpool -n -f /etc/pgpool2/pgpool.conf
say chrony 3 chronyd -d -x -L 0 'cmdport 0' 'bindcmdaddress /'
say fail2ban 5 fail2ban-server -f -x --loglevel DEBUG --logtarget stdout -s "$work/fail2ban.sock" -p "$work/fail2ban.pid"
printf 'set daemon 5\nset log %s/monit.log\ncheck system $HOST\n if loadavg (1min) > 0.1 then alert\n' "$work" > "$work/monitrc"; chmod 600 "$work/monitrc"
say monit 8 monit -I -c "$work/monitrc"; keep "$work/monit.log" monit
say icinga 8 icinga2 daemon -x debug
say auditd 2 auditd -f
say keepalived 4 keepalived -n -l -D
say wpa-supplicant 2 wpa_supplicant -t -d -i lo -D wired -c "$work/empty"
say minidlna 3 minidlnad -d -f /etc/minidlna.conf -P "$work/minidlna.pid"
for second in 1 2 3; do echo "order $second accepted"; sleep 1.1; done | multilog t "$work/multilog"; keep "$work/multilog/current" multilog
mkdir -p "$work/svlogd"; for second in 1 2 3; do echo "order $second accepted"; sleep 1.1; done | timeout 6 svlogd -tt "$work/svlogd"; keep "$work/svlogd/current" svlogd

# What serves programs
printf 'def app(e, s):\n    s("200 OK", [])\n    return [b"ok"]\n' > "$work/shop.py"
(sleep 2; curl -s -o /dev/null http://$here:18095/stock) & say gunicorn 4 gunicorn --chdir "$work" --access-logfile - -b $here:18095 shop:app
printf 'run lambda { |e| [200, {}, ["ok"]] }\n' > "$work/config.ru"
say unicorn 5 unicorn -p 18092 "$work/config.ru"
say thin 5 thin -p 18093 -R "$work/config.ru" start
say php-fpm 3 php-fpm8.2 -F -O
say java-gc 6 java '-Xlog:gc*:stdout:time,level,tags' -version
say java-safepoint 6 java '-Xlog:gc*,safepoint:stdout:utctime,pid,tid,level,tags' -version
say tomcat 12 /usr/share/tomcat10/bin/catalina.sh run

# Tools that keep a log
say aria2 4 aria2c --log="$out/aria2-file.log" http://$here:1/x
say rsync 2 rsync -a --log-file="$out/rsync-file.log" /etc/apt "$work/copy"
GIT_TRACE=1 GIT_TRACE_PERFORMANCE=1 say git-trace 3 git -C "$(dirname "$0")" status
say strace 3 strace -tt ls /
say npm-debug 5 npm --loglevel silly --timing view nothing --offline; keep "$(ls -t ~/.npm/_logs/*.log | head -1)" npm-debug
keep /var/log/dpkg.log dpkg; keep /var/log/alternatives.log alternatives
keep /var/log/unattended-upgrades/unattended-upgrades.log unattended-upgrades
exit 0
