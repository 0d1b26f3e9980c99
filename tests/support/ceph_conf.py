"""ceph.conf of a Ceph for tests: one machine, no redundancy, nothing asked of the network."""

CLUSTER = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon}/0]
auth cluster required = none
auth service required = none
auth client required = none
keyring = {folder}/keyring
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
crash dir = {folder}/log
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
ms mon client mode = crc
ms client mode = crc
ms cluster mode = crc
ms service mode = crc
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail warn = 2
mon data avail crit = 1
paxos propose interval = 0.02
paxos min wait = 0.01
[mon]
mon data = {folder}/mon
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = {memory}
ms bind port min = {osd_first}
ms bind port max = {osd_last}
osd op num shards = 2
osd class load list = *
osd class default list = *
"""

GATEWAY = """\
[client]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{http} ssl_endpoint=127.0.0.1:{https} ssl_certificate={folder}/server.crt \
ssl_private_key={folder}/server.key tcp_nodelay=1
rgw dns name = {domain}
rgw enable apis = s3, sts, iam, admin
rgw s3 auth use sts = true
rgw sts key = {sts_key}
rgw thread pool size = 32
rgw num rados handles = 1
rgw enable usage log = false
rgw dynamic resharding = false
rgw gc obj min wait = {keep}
rgw gc processor period = {keep}
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = {kms_key}={kms_secret}
rgw override bucket index max shards = 1
"""

FILE_SYSTEM = """\
[mds]
mds data = {folder}/mds
"""
