#!/usr/bin/env bash
# 离线安装整改参谋：不访问网络。在解压后的目录中运行：
#
#   ./install.sh [安装目录]        默认 /opt/zhenggai（普通用户为 ~/zhenggai）
#
# 再次运行即升级：新版本装在旁边，装好后才切换；案例库不在安装目录里，不会被改动。
# PYTHON=python3.11 ./install.sh 可指定解释器。
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" = 0 ]; then default=/opt/zhenggai; else default="$HOME/zhenggai"; fi
prefix=${1:-$default}
wanted=$(cat "$here/PYTHON")
python=${PYTHON:-$(command -v "python$wanted" || command -v python3 || true)}

fail() { echo "错误：$1" >&2; exit 1; }

[ -n "$python" ] || fail "找不到 Python $wanted，请先安装，或用 PYTHON=路径 指定"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$wanted" ] || fail "安装包为 Python $wanted 制作，$python 是 $found；请用 PYTHON=路径 指定"

echo "校验文件…"
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || fail "文件不完整或被改动，请重新拷贝安装包"

version=$(basename "$here")
mkdir -p "$prefix" || fail "无法建立 $prefix，请换一个目录或检查权限"
new="$prefix/$version"
rm -rf "$new.part"
echo "安装到 $new…"
"$python" -m venv "$new.part" || fail "无法建立虚拟环境：Debian/Ubuntu 请先安装 python$wanted-venv"
"$new.part/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps \
  "$here"/wheels/*.whl || fail "安装失败，原有版本未受影响"
rm -rf "$new"
mv "$new.part" "$new"
# A virtual environment knows its place: its scripts are written anew where it now stands.
"$python" -m venv --upgrade "$new" >/dev/null
grep -rlIZ "$new.part" "$new/bin" | xargs -0 -r sed -i "s|$new.part|$new|g"
site=$("$new/bin/python" -I -c 'import assistant, pathlib; print(pathlib.Path(assistant.__file__).parent.parent)')
cp "$here/web/app.py" "$site/"
cp -r "$here/web/.streamlit" "$site/"
ln -sfn "$version" "$prefix/current"

echo "检查安装…"
"$new/bin/zhenggai" --version
echo "完成。常用命令："
echo "  $prefix/current/bin/zhenggai doctor        检查安装"
echo "  $prefix/current/bin/zhenggai demo          载入示例并打开网页"
echo "  $prefix/current/bin/zhenggai serve         打开网页"
echo "回到旧版本：ln -sfn 旧版本目录名 $prefix/current"
