# Installs the missing ones of deploy/packages. Sourced by deploy/up, tests/run and tests/bench/run.

readonly PACKAGES_FILE=${BASH_SOURCE[0]%/lib/*}/packages

# packages_of SECTION…: their names.
packages_of() {
  awk -v wanted=" $* " '/^\[/ { on = index(wanted, " " substr($0, 2, length($0) - 2) " "); next }
                        on && NF && !/^#/ { print $1 }' "$PACKAGES_FILE"
}

# missing_packages SECTION…
missing_packages() {
  local package
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

# Ours are a PostgreSQL and two Redis under a folder of their own: the packages' services stay off.
# Only for packages that are not there yet; what the machine already runs is left alone.
keep_postgres_off() {
  apt_install postgresql-common || return
  local settings=/etc/postgresql-common/createcluster.conf
  sed -i '/^[# ]*create_main_cluster/d' "$settings"
  echo 'create_main_cluster = false' >> "$settings"
}

# install_off PACKAGE SERVICE: neither started now (policy-rc.d answers 101: not allowed) nor at the next boot.
install_off() {
  local policy=/usr/sbin/policy-rc.d own_policy=
  if [ ! -e $policy ]; then
    own_policy=1
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
  fi
  local result=0
  apt_install "$1" || result=$?
  [ -z "$own_policy" ] || rm -f $policy
  systemctl disable --quiet "$2" 2> /dev/null || deb-systemd-helper disable "$2.service" > /dev/null || true
  update-rc.d "$2" disable 2> /dev/null || true
  return $result
}

# install_packages SECTION…: quiet when all is there. Fails with the apt line where it may not install.
install_packages() {
  local missing log
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" != 0 ]; then
    printf 'Missing packages. As root:\n\n  apt-get install --no-install-recommends %s\n\n' "$(echo $missing)" >&2
    return 1
  fi
  echo "Installing $(echo "$missing" | wc -w) packages"
  log=$(mktemp)
  if ! install_as_root $missing > "$log" 2>&1; then
    tail -40 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

install_as_root() {
  apt-get update -q || return
  case " $* " in *' postgresql-15 '*) keep_postgres_off || return ;; esac
  local package service
  while read -r package service; do
    case " $* " in *" $package "*) install_off "$package" "$service" < /dev/null || return ;; esac
  done <<'SERVICES'
redis-server redis-server
nginx nginx
haproxy haproxy
nghttp2-proxy nghttpx
prometheus prometheus
SERVICES
  apt_install "$@"
}

# Node for the tests' clients: any from 18 on will do, and none is replaced.
install_node() {
  command -v node > /dev/null && command -v npm > /dev/null && return 0
  if [ "$(id -u)" != 0 ]; then
    printf 'Missing node. As root:\n\n  apt-get install --no-install-recommends nodejs npm\n\n' >&2
    return 1
  fi
  echo 'Installing node'
  apt_install nodejs npm > /dev/null
}

# kubectl renders and checks the manifests: any will do, and none is replaced.
install_kubectl() {
  command -v kubectl > /dev/null && return 0
  if [ "$(id -u)" != 0 ]; then
    printf 'Missing kubectl. As root:\n\n  apt-get install --no-install-recommends kubernetes-client\n\n' >&2
    return 1
  fi
  echo 'Installing kubectl'
  apt_install kubernetes-client > /dev/null
}
